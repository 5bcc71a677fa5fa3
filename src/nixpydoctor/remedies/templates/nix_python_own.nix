  # Built here only where this nixpkgs has none of that name.
  own = {
@definitions@  };
