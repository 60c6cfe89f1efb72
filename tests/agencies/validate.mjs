// Reads an AsyncAPI document from standard input with the official parser; prints what it finds wrong, and what it understood.
import { Parser } from "@asyncapi/parser";
import { text } from "node:stream/consumers";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const summary = document && {
  version: document.version(),
  channels: document.channels().all().map((channel) => channel.address()),
  operations: document.operations().all().map((operation) => operation.action()),
  examples: document.messages().all().map((message) => message.examples().all().length),
};
console.log(JSON.stringify({ diagnostics: diagnostics.map(({ severity, message, path }) => ({ severity, message, path })), summary }));
