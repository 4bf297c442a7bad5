import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";

/** @import { AddressInfo } from "node:net" */
/** @import { Addressed, Component } from "../../explorer/ui/components/common/types.js" */

/** @typedef {{first: number, events: {do: string, [more: string]: unknown}[]}} Message */

/**
 * What the server answers next; without any it takes all that comes.
 * @type {number[]}
 */
const refusals = [];

/** @type {Message[]} as they came */
let requests = [];
let begun = () => {}; // called when one comes
let pictures = 0;

const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  /** @type {Message} */
  const message = JSON.parse(text);
  requests.push(message);
  await begun();
  response.statusCode = refusals.shift() ?? 200;
  const applied = response.statusCode === 200 ? message.first + message.events.length - 1 : 0;
  response.end(response.statusCode === 200 ? JSON.stringify({ applied }) : "no");
});

/** The module, which looks for a page when it is loaded. */
const page = {
  addEventListener() {},
  document: { querySelector: () => null, activeElement: null },
};
Object.assign(globalThis, page);
const events = await import("../../explorer/ui/components/common/events.js");

/** @type {Component<Addressed>} */
let component;

before(() => new Promise((go) => server.listen(0, "127.0.0.1", () => go(undefined))));

after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  requests = [];
  begun = () => {};
  pictures = 0;
  const { port } = /** @type {AddressInfo} */ (server.address());
  component = {
    data: { to: { url: `http://127.0.0.1:${port}/`, dataset: "d", shown: {} } },
    parentElement: /** @type {ShadowRoot} */ ({ isConnected: true }),
    setTriggerValue: () => pictures++,
  };
  events.attach(component);
});

const whats = () => requests.map((request) => request.events.map((event) => event.do));

test("an event arrives with all that it says, and asks for a picture", async () => {
  const number = await events.send(component, "select", { ids: [1, 2] });
  assert.deepEqual(requests[0].events, [{ do: "select", dataset: "d", ids: [1, 2] }]);
  assert.equal(requests[0].first, number);
  assert.ok(pictures > 0);
});

test("what is done meanwhile goes together in the next request, in its order", async () => {
  /** @type {Promise<number>[]} */
  const sent = [];
  begun = () => {
    begun = () => {};
    sent.push(events.send(component, "two"), events.send(component, "three"));
  };
  const one = await events.send(component, "one");
  assert.deepEqual(await Promise.all(sent), [one + 1, one + 2]);
  assert.deepEqual(whats(), [["one"], ["two", "three"]]);
});

test("what a server does not take is sent again, and nothing overtakes it", async () => {
  refusals.push(500, 404);
  const sent = [events.send(component, "one"), events.send(component, "two")];
  const [one, two] = await Promise.all(sent);
  assert.equal(two, one + 1);
  assert.deepEqual(whats(), [["one"], ["one", "two"], ["one", "two"]]);
  assert.ok(requests.every((request) => request.first === one));
});

test("what components hold back goes before what is sent", async () => {
  const flush = () => {
    events.release(flush);
    events.send(component, "held");
  };
  events.holdBack(flush);
  await events.send(component, "later");
  assert.deepEqual(whats().flat(), ["held", "later"]);
});

test("a very large event goes alone", async () => {
  const large = "x".repeat(5 * 2 ** 20);
  begun = () => {
    begun = () => {};
    for (const name of ["a", "b", "c"]) events.send(component, name, { large });
    return undefined;
  };
  await events.send(component, "first");
  await events.send(component, "last");
  assert.deepEqual(whats(), [["first"], ["a"], ["b"], ["c", "last"]]);
});

test("a component knows the last event that its data show", () => {
  assert.equal(events.lastShown(component), undefined);
  const { explorerEvents } = /** @type {{explorerEvents?: {id: string}}} */ (globalThis);
  assert.ok(explorerEvents);
  component.data.to.shown = { [explorerEvents.id]: 12 };
  assert.equal(events.lastShown(component), 12);
});
