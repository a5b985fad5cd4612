// Socket.IO 4 as its documentation advises: the WebSocket transport alone, native add-ons of ws (bufferutil), the
// reference to the first request dropped, the sharded Redis adapter where Redis has sharded pub/sub (7.0), pg's pool.
//
// It promises less than the gateway: nothing is checked, numbered, or known by a key when it is sent again.
import { createServer } from "node:http";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import pg from "pg";
import { Server } from "socket.io";

const { REDIS_URL, DATABASE_URL, DURABLE = "one", POOL = "10", SHARDED = "1" } = process.env;
const pub = new Redis(REDIS_URL);
const sub = pub.duplicate();
const sharded = SHARDED === "1";
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  perMessageDeflate: false,
  adapter: sharded ? createShardedAdapter(pub, sub) : createAdapter(pub, sub),
});
io.engine.on("connection", (raw) => {
  raw.request = null;
});

const pool = DATABASE_URL && new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL) });
const ONE = {
  name: "one",
  text: "INSERT INTO peer_message (room, key, body) VALUES ($1, $2, $3) RETURNING id",
};
const MANY = {
  name: "many",
  text: `INSERT INTO peer_message (room, key, body)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[]) RETURNING id`,
};

async function insertOne(room, key, text) {
  const { rows } = await pool.query({ ...ONE, values: [room, key, text] });
  return rows[0].id;
}

// Its best fair batching: no timer either, the next batch collects while the last one commits.
let waiting = [];
let busy = 0;
function insertInBatches(room, key, text) {
  return new Promise((resolve, reject) => {
    waiting.push({ room, key, text, resolve, reject });
    if (!busy) void commit();
  });
}
async function commit() {
  busy += 1;
  while (waiting.length) {
    const batch = waiting.splice(0, 512);
    const values = [batch.map((m) => m.room), batch.map((m) => m.key), batch.map((m) => m.text)];
    try {
      const { rows } = await pool.query({ ...MANY, values });
      for (let i = 0; i < batch.length; i++) batch[i].resolve(rows[i].id);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }
  busy -= 1;
}
const insert = DURABLE === "batch" ? insertInBatches : insertOne;

io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    socket.join(room);
    done();
  });
  socket.on("echo", (data) => {
    socket.emit("echo", data);
  });
  socket.on("typing", (room, data) => {
    socket.to(room).emit("typing", data);
  });
  socket.on("send", async (room, key, text, ack) => {
    const number = await insert(room, key, text);
    ack({ key, number });
    socket.to(room).emit("entry", { room, key, number, text });
  });
});

// So that memory is compared without what is only waiting to be collected.
process.on("SIGUSR2", () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
http.listen(0, "127.0.0.1", 4096, () => {
  console.log(`listening on ${http.address().port}`);
});
