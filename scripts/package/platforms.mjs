/** The platforms whose native parts npm has prebuilt, each with its wheel's tag. */

/** Node and classic-level need glibc 2.28, libsql needs macOS 14; the keychain's part needs less. */
export const PLATFORMS = {
  "linux-x64": platform("linux-x64-gnu", "manylinux_2_28_x86_64", "linux-x64/classic-level.node"),
  // classic-level has no build for musl on arm64.
  "linux-x64-musl": platform("linux-x64-musl", "musllinux_1_2_x86_64", "linux-x64/classic-level.musl.node"),
  "linux-arm64": platform(
    "linux-arm64-gnu",
    "manylinux_2_28_aarch64",
    "linux-arm64/classic-level.armv8.node",
  ),
  "darwin-x64": platform("darwin-x64", "macosx_14_0_x86_64", "darwin-x64+arm64/classic-level.node"),
  "darwin-arm64": platform("darwin-arm64", "macosx_14_0_arm64", "darwin-x64+arm64/classic-level.node"),
  "win32-x64": platform("win32-x64-msvc", "win_amd64", "win32-x64/classic-level.node"),
};

/** The name of the platform that this process runs on. */
export function platformHere() {
  const isMusl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
}

function platform(target, tag, level) {
  return { tag, level, native: [`@libsql/${target}`, `@napi-rs/keyring-${target}`] };
}
