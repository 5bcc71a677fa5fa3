@dist@ = prev.@dist@.overrideAttrs (old: {
  buildInputs = (old.buildInputs or [ ]) ++ [
@libraries@
  ];
});
