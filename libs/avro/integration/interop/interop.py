"""Reads payloads in hex from standard input, prints each field as Python sees it and the payload as Python writes it."""
import io
import sys

import avro.io
import avro.schema

schema = avro.schema.parse(open(sys.argv[1], encoding="utf-8").read())
for line in sys.stdin:
    source = io.BytesIO(bytes.fromhex(line.strip()))
    record = avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(source))
    assert source.read() == b"", "bytes are left over"
    for name, value in record.items():
        print(f"# {name}={value}")
    target = io.BytesIO()
    avro.io.DatumWriter(schema).write(record, avro.io.BinaryEncoder(target))
    print(target.getvalue().hex())
