// An agency's client that tries whatever it should not: prints what the broker said to each try, "" where it was let through.
import amqp from "amqplib";

const { AMQP_URL, QUEUE, NEIGHBOUR, EXCHANGE, KEY } = process.env;
const body = Buffer.from("{}");
const connection = await amqp.connect(AMQP_URL, { heartbeat: 30 });
connection.on("error", () => {});

const tries = {
  "publish to the public exchange": (channel) => publish(channel, EXCHANGE, KEY),
  "publish to its own queue": (channel) => publish(channel, "", QUEUE),
  "publish to the case exchange": (channel) => publish(channel, "case.events", KEY),
  "bind another key": (channel) => channel.bindQueue(QUEUE, EXCHANGE, "#"),
  "unbind its own": (channel) => channel.unbindQueue(QUEUE, EXCHANGE, KEY),
  "declare a queue": (channel) => channel.assertQueue("mine"),
  "declare a queue that the broker names": (channel) => channel.assertQueue("", { exclusive: true }),
  "declare an exchange": (channel) => channel.assertExchange("mine", "topic"),
  "delete its queue": (channel) => channel.deleteQueue(QUEUE),
  "read another agency's queue": (channel) => channel.consume(NEIGHBOUR, () => {}),
  "empty another agency's queue": (channel) => channel.purgeQueue(NEIGHBOUR),
};

async function publish(channel, exchange, key) {
  channel.publish(exchange, key, body);
  await channel.waitForConfirms();
}

async function attempt(act) {
  const channel = await connection.createConfirmChannel();
  const refusal = new Promise((resolve) => channel.on("error", (fault) => resolve(fault.message)));
  const done = act(channel).then(() => "", () => refusal);
  return Promise.race([done, refusal]);
}

async function enter(vhost) {
  const address = new URL(AMQP_URL);
  address.pathname = `/${encodeURIComponent(vhost)}`;
  try {
    await (await amqp.connect(address.href)).close();
    return "";
  } catch (fault) {
    // The client names the frame that came, not the broker's words in it.
    return /Expected ConnectionOpenOk; got <ConnectionClose/.test(fault.message) ? "ConnectionClose instead of ConnectionOpenOk" : fault.message;
  }
}

const said = {};
for (const [what, act] of Object.entries(tries)) said[what] = await attempt(act);
for (const vhost of process.env.VHOSTS.split(" ")) said[`enter ${vhost}`] = await enter(vhost);
console.log(JSON.stringify(said));
await connection.close();
