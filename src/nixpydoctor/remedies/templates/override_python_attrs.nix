@dist@ = prev.@dist@.overridePythonAttrs (old: {
  buildInputs = (old.buildInputs or [ ]) ++ [
@libraries@
  ];
});
