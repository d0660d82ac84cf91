#!/usr/bin/env bash
# Makes internal/stepwellv1 from the protocol, with the plugins that go.mod names.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec node_modules/.bin/buf generate --template clients/go/buf.gen.yaml "$@"
