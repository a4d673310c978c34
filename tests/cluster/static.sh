# Sourced by bash in the root of the checkout: from then on cargo builds static programs, so that an image needs nothing
# beside them. They know nothing of the folder that they were built in, nor of when: the same sources and the same
# compiler give the same bytes.
#
# CODE_PROFILE  what the compiler is told of which code runs (that of proxy/profile, where there is one for this machine)

CARGO_BUILD_TARGET=$(rustc -vV | sed -n 's/^host: //p')
target_folder=$(realpath -m "${CARGO_TARGET_DIR:-target}")
registry=${CARGO_HOME:-$HOME/.cargo}

# A copy named by what it holds: cargo builds anew when a flag differs, and does not look into files that flags name.
recorded=proxy/profile/${CARGO_BUILD_TARGET%%-*}.profdata
if [ -z "${CODE_PROFILE:-}" ] && [ -e "$recorded" ]; then
  copy=$target_folder/$(sha256sum "$recorded" | cut -c1-16).profdata
  [ -e "$copy" ] || { mkdir -p "$target_folder" && cp "$recorded" "$copy.$$" && mv "$copy.$$" "$copy"; }
  CODE_PROFILE="-Cprofile-use=$copy -Cllvm-args=-no-pgo-warn-mismatch"
fi

# With a target named, cargo keeps these flags from build scripts and macros, which can't be static. The checkout's own
# folder is not among them: cargo names its files relative to it, and builds all anew when a flag differs.
RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$registry=/cargo --remap-path-prefix=$target_folder=/target ${CODE_PROFILE:-}"
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$registry=/cargo -ffile-prefix-map=$target_folder=/target"
# What the C compiler takes for now.
SOURCE_DATE_EPOCH=0
export CARGO_BUILD_TARGET RUSTFLAGS CFLAGS SOURCE_DATE_EPOCH
