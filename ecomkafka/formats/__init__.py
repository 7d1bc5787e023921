"""The shop's messages as Avro and Protobuf beside JSON, behind one interface. They need the extra `registry`."""
