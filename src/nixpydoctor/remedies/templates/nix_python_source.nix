    @bound@ = @known@ or (ps.buildPythonPackage {
      pname = @pname@;
      version = @version@;
      pyproject = true;
      src = @source@;
      build-system = [ @system@ ];
      dependencies = [@requires@];
    });
