// Nothing: the headers of the unit tests are precompiled with it (CMakeLists.txt).
