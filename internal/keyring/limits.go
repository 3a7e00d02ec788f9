package keyring

// maxFile bounds a key file: six keys and their names.
const maxFile = 64 << 10
