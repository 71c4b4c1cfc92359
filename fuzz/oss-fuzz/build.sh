#!/bin/bash -eu
# Builds the targets as OSS-Fuzz asks: with its compilers ($CC, $CXX), its flags ($CFLAGS,
# $CXXFLAGS) and its engine ($LIB_FUZZING_ENGINE), out of $SRC, by way of $WORK, into $OUT.
#
# There each target has beside it NAME_seed_corpus.zip, NAME.dict and NAME.options.
# Our options for release builds would spoil the view of sanitizers: build type None.
cmake -S "$SRC/ten35" -B "$WORK/ten35" -DTEN35_FUZZ=ON -DCMAKE_BUILD_TYPE=None
cmake --build "$WORK/ten35" -j"$(nproc)" --target fuzz_targets

for source in "$SRC"/ten35/fuzz/fuzz_*.c; do
	name=$(basename "$source" .c)
	cp "$WORK/ten35/fuzz/$name" "$WORK/ten35/fuzz/$name.dict" "$WORK/ten35/fuzz/$name.options" \
		"$OUT/"
	corpus=$SRC/ten35/fuzz/corpus/${name#fuzz_}
	rm -f "$OUT/${name}_seed_corpus.zip"
	if [ -d "$corpus" ]; then
		zip -q -r -j "$OUT/${name}_seed_corpus.zip" "$corpus"
	fi
done
