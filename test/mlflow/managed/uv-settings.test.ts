import test from "ava";
import { uvSettings } from "../../../src/mlflow/managed/uv-settings.js";

test("what pip was told of its index, its certificates and its proxy is told to uv", (t) => {
  const config = `
:env:.default-timeout='180'
:env:.disable-pip-version-check='1'
:env:.find-links='/opt/wheels /opt/more'
global.cert='/etc/ssl/company.crt'
global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'
global.index-url='https://first.example/simple'
global.proxy="http://it's.example:3128"
list.format='columns'
`;
  t.deepEqual(uvSettings(config), {
    UV_HTTP_TIMEOUT: "180",
    UV_FIND_LINKS: "/opt/wheels,/opt/more",
    SSL_CERT_FILE: "/etc/ssl/company.crt",
    UV_INDEX: "https://one.example/simple https://two.example/simple",
    UV_DEFAULT_INDEX: "https://first.example/simple",
    HTTP_PROXY: "http://it's.example:3128",
    HTTPS_PROXY: "http://it's.example:3128",
  });
  t.deepEqual(uvSettings(""), {});
  t.deepEqual(uvSettings("global.cert='C:\\\\company\\\\ca.crt'"), { SSL_CERT_FILE: "C:\\company\\ca.crt" });
});

test("what prevails in pip prevails: the environment, then what is meant for `install`, then the rest", (t) => {
  const three = [
    ":env:.index-url='https://env'",
    "install.index-url='https://install'",
    "global.index-url='https://global'",
  ];
  t.deepEqual(uvSettings(three.join("\n")), { UV_DEFAULT_INDEX: "https://env" });
  t.deepEqual(uvSettings(three.slice(1).join("\n")), { UV_DEFAULT_INDEX: "https://install" });
});

test("what uv can't be told alike is left to pip", (t) => {
  for (const line of [
    "global.no-index='true'",
    "global.client-cert='/me.pem'",
    "install.constraint='/c.txt'",
    ":env:.require-hashes='1'",
    "global.keyring-provider='subprocess'",
    "global.only-binary=':all:'",
  ])
    t.is(uvSettings(`global.index-url='https://i'\n${line}`), undefined, line);
});
