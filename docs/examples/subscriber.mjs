// A subscriber of Zhida's public events, in Node: prints each event as one line of JSON.
//
//     npm install amqplib
//     AMQP_URL=amqps://... QUEUE=... node subscriber.mjs
//
// AMQP_URL and QUEUE are what `zhida subscriber add` printed. An event is acknowledged after it was dealt with (here: printed), so one
// that was being dealt with when this process died comes again: keep the `id` of what you have dealt with, and pass over what comes twice.

import amqp from "amqplib";

const AT_ONCE = 50; // events that are sent before the first is acknowledged

async function dealWith(event) {
  // Put your own work here.
  console.log(JSON.stringify(event));
}

const connection = await amqp.connect(process.env.AMQP_URL, { heartbeat: 30 });
connection.on("error", (fault) => {
  console.error(fault.message);
  process.exitCode = 1; // the broker ended the connection: start again
});

const channel = await connection.createChannel();
await channel.prefetch(AT_ONCE);
await channel.consume(process.env.QUEUE, async (message) => {
  if (message === null) {
    console.error("the queue is gone: ask whoever gave you the address");
    process.exit(1);
  }
  await dealWith(JSON.parse(message.content.toString("utf-8")));
  channel.ack(message);
});
