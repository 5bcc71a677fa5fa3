(final: prev: {
@overrides@})
