"""StackStorm packs, read and made into packs of this registry."""
