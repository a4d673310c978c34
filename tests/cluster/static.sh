# Sourced by bash in the root of the checkout: from then on cargo builds static programs, so that an image needs nothing
# beside them. They know nothing of the folder that they were built in: the same sources and the same compiler give the
# same bytes.

CARGO_BUILD_TARGET=$(rustc -vV | sed -n 's/^host: //p')
target_folder=$(realpath -m "${CARGO_TARGET_DIR:-target}")
registry=${CARGO_HOME:-$HOME/.cargo}

# With a target named, cargo keeps these flags from build scripts and macros, which can't be static. The checkout's own
# folder is not among them: cargo names its files relative to it, and builds all anew when a flag differs.
RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$registry=/cargo --remap-path-prefix=$target_folder=/target"
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$registry=/cargo -ffile-prefix-map=$target_folder=/target"
export CARGO_BUILD_TARGET RUSTFLAGS CFLAGS
