import test from "ava";
import { type PostgresAddress, readPostgresUri } from "../../src/model/postgres-address.js";

function read(uri: string): PostgresAddress {
  const found = readPostgresUri(uri);
  if ("reason" in found) throw new Error(found.reason);
  return found;
}

test("an address is read as libpq and SQLAlchemy read it", (t) => {
  t.like(read("postgresql+psycopg2://ada:p%40ss@db.example:6432/ml%20flow?sslmode=require"), {
    hosts: [{ host: "db.example", port: 6432 }],
    database: "ml flow",
    user: "ada",
    password: "p@ss",
    sslMode: "require",
    uri: "postgresql://ada@db.example:6432/ml%20flow?sslmode=require",
  });
  t.like(read("postgres://u@one,two:5433,[::1]/d"), {
    hosts: [
      { host: "one", port: 5432 },
      { host: "two", port: 5433 },
      { host: "::1", port: 5432 },
    ],
  });
  t.like(read("postgresql://u@/d?host=/run/postgresql&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem"), {
    hosts: [{ host: "/run/postgresql", port: 5432 }],
    rootCertPath: "/ca.pem",
    clientCertPath: "/c.pem",
    clientKeyPath: "/k.pem",
  });
});

test("beyond this machine the server's certificate is checked unless it is said otherwise", (t) => {
  for (const host of ["127.0.0.1", "localhost", "[::1]", "%2Frun%2Fpostgresql"])
    t.is(read(`postgresql://u@${host}/d`).sslMode, "disable", host);
  for (const host of ["db", "10.0.0.7", "localhost.example", "127.example", "localhost,db"])
    t.is(read(`postgresql://u@${host}/d`).sslMode, "verify-full", host);
});

test("what is no address is refused, and its text is not shown", (t) => {
  const secret = "hunter2";
  for (const uri of [
    `postgresql://u:${secret}@h`,
    `postgresql://u:${secret}@h/d/e`,
    `postgresql://u:${secret}@h:0/d`,
    `postgresql://u:${secret}@h:99999/d`,
    `postgresql://u:${secret}@/d`,
    `postgresql://u@h/d?password=${secret}`,
    `postgresql://u@h/d?sslmode=${secret}`,
    `postgresql://u@h/d?sslrootcert=${secret}`,
    `mysql://u:${secret}@h/d`,
  ]) {
    const found = readPostgresUri(uri);
    t.true("reason" in found, uri);
    t.false(JSON.stringify(found).includes(secret), uri);
  }
});

test("the folder of a socket may have any path that is not cut at its comma", (t) => {
  for (const folder of ["/tmp/a b/run", "/tmp/it's/run", "/tmp/a:b/[c]", "/tmp/50%25/run"]) {
    const { hosts } = read(`postgresql://u@/d?host=${encodeURIComponent(folder)}`);
    t.deepEqual(hosts, [{ host: folder, port: 5432 }]);
  }
});
