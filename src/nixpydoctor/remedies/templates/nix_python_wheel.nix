    @bound@ = @known@ or (ps.buildPythonPackage {
      pname = @pname@;
      version = @version@;
      format = "wheel";
      src = ps.fetchPypi {
        pname = @file@;
        version = @version@;
        format = "wheel";
        dist = @python@;
        python = @python@;
        abi = @abi@;
        platform = @platform@;
        hash = pkgs.lib.fakeHash;
      };
      nativeBuildInputs = [ pkgs.autoPatchelfHook ];
      buildInputs = [
@inputs@
      ];
      dependencies = [@requires@];
    });
