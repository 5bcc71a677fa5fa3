# A package with a compiled module in C++ that needs zlib: what nixpkgs' patched builds look like.
site=$out/lib/python$version/site-packages
mkdir -p $site/labtally $site/labtally-1.0.dist-info
suffix=$($python/bin/python$version -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
g++ -O1 -shared -fPIC -I $python/include/python$version $source -o $site/labtally/_tally$suffix -lz
patchelf --set-rpath $gccLib/lib:$zlib/lib:$glibc/lib $site/labtally/_tally$suffix
echo 'from labtally._tally import crc' >$site/labtally/__init__.py
printf 'Metadata-Version: 2.1\nName: labtally\nVersion: 1.0\n' >$site/labtally-1.0.dist-info/METADATA
printf 'labtally/__init__.py,,\nlabtally/_tally%s,,\nlabtally-1.0.dist-info/METADATA,,\nlabtally-1.0.dist-info/RECORD,,\n' \
  $suffix >$site/labtally-1.0.dist-info/RECORD
