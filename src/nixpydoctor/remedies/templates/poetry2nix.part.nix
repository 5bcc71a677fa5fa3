overrides = poetry2nix.overrides.withDefaults (final: prev: {
@overrides@});
