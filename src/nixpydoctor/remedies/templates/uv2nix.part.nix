(final: prev: let inherit (final) pkgs; in {
@overrides@})
