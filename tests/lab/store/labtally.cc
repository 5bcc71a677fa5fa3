// A module with one function that really uses both libstdc++ and zlib.
#include <Python.h>
#include <string>
#include <zlib.h>

static PyObject *crc(PyObject *, PyObject *argument) {
    const char *text = PyUnicode_AsUTF8(argument);
    if (text == nullptr)
        return nullptr;
    std::string twice = std::string(text) + text;
    return PyLong_FromUnsignedLong(crc32(0, reinterpret_cast<const Bytef *>(twice.data()), twice.size()));
}

static PyMethodDef methods[] = {{"crc", crc, METH_O, "The CRC-32 of a text written twice."}, {}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "_tally", nullptr, 0, methods};

PyMODINIT_FUNC PyInit__tally() { return PyModule_Create(&module); }
