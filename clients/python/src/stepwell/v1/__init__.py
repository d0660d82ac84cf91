"""Message classes of proto/stepwell/v1, made by generate.sh."""
