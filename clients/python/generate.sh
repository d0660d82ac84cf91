#!/usr/bin/env bash
# Makes src/stepwell/v1 from the protocol. The generator is held at protoc 25, whose
# classes load on every protobuf runtime from 4.21 to 7; a newer one's load on 7 only.
set -euo pipefail
cd "$(dirname "$0")"
tools="$(mktemp -d)"
trap 'rm -rf "$tools"' EXIT
# grpcio-tools 1.62 has wheels for Python 3.7 to 3.12.
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/pip" install --quiet "grpcio-tools==1.62.3" "setuptools<81"
"$tools/bin/python" -m grpc_tools.protoc --proto_path=../../proto --python_out=src --pyi_out=src \
  ../../proto/stepwell/v1/{types,lists,ingest,stacks,steps,gateway,daemon,runs,secrets}.proto
