#!/bin/sh
# Makes the secrets of deploy/compose.yaml at random, once, in the folder that is named (by default
# ./secrets): passwords of the database and of the S3. The folder is yours alone; the files in it
# are mounted into containers whose users are not you, so they are readable.
set -eu
folder=${1:-secrets}
umask 077
mkdir "$folder"
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
id=$(random | cut -c1-20)
key=$(random)
random >"$folder/database"
printf %s "$id" >"$folder/s3_access_key_id"
printf %s "$key" >"$folder/s3_secret_access_key"
cat >"$folder/s3.json" <<END
{"identities": [{"name": "fumo", "credentials": [{"accessKey": "$id", "secretKey": "$key"}],
  "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
END
chmod 644 "$folder"/*
echo "made in $folder: keep a copy where the database's copies are"
