# cc_layer(NAME FOLDER LIBS...): the .c files of one folder (not below it) as a static library.
function(cc_layer name folder)
  file(GLOB src CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c)
  list(FILTER src EXCLUDE REGEX "/main\\.c$")
  if(NOT src)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE cc_flags ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${src})
  target_link_libraries(${name} PUBLIC cc_flags ${ARGN})
endfunction()

# cc_process(NAME FOLDER LIBS...): FOLDER/main.c and the folder's library.
function(cc_process name folder)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${folder}/main.c)
    add_executable(${name} ${CMAKE_SOURCE_DIR}/${folder}/main.c)
    target_link_libraries(${name} PRIVATE ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  endif()
endfunction()

cc_layer(proto_base  proto/base  PkgConfig::JANSSON OpenSSL::Crypto ZLIB::ZLIB m)
cc_layer(proto_task  proto/task  proto_base Threads::Threads)
cc_layer(proto_wire  proto/wire  proto_base PkgConfig::MSGPACK PkgConfig::JANSSON)
cc_layer(proto_seal  proto/seal  proto_base PkgConfig::SODIUM)
cc_layer(proto_http  proto/http  proto_base proto_task PkgConfig::CURL PkgConfig::JANSSON)
cc_layer(proto_bus   proto/bus   proto_base proto_task proto_wire PkgConfig::HIREDIS)
cc_layer(proto_store proto/store proto_base proto_task proto_seal PkgConfig::PQ PkgConfig::JANSSON)
include(proto/store/schema/schema.cmake)
cc_layer(proto_vec   proto/vec   proto_base proto_task proto_http proto_store
                                 PkgConfig::JANSSON PkgConfig::PCRE2 PkgConfig::ICU ${STEMMER_LIB})
cc_layer(proto_run   proto/run   proto_base proto_task proto_wire proto_bus proto_store proto_http
                                 PkgConfig::JANSSON)
add_library(proto INTERFACE)
target_link_libraries(proto INTERFACE proto_run proto_vec proto_store proto_bus proto_http
                                      proto_seal proto_wire proto_task proto_base)

cc_layer(worker_llm  worker/llm  proto)
cc_layer(worker_core worker      worker_llm proto)
cc_layer(ingest_parse ingest/parse proto_base PkgConfig::SECCOMP PkgConfig::ICU PkgConfig::PCRE2
                                 PkgConfig::ARCHIVE PkgConfig::EXPAT PkgConfig::JANSSON PkgConfig::XML2
                                 ${MAGIC_LIB} ${MD4C_LIB})
cc_layer(ingest_web  ingest/web  proto PkgConfig::ICU PkgConfig::JANSSON)
cc_layer(ingest_core ingest      ingest_parse ingest_web proto)
cc_layer(ctl_core    infra/ctl   proto)

cc_process(cc-worker worker    worker_core)
cc_process(cc-ingest ingest    ingest_core)
cc_process(cc-parse  ingest/parse ingest_parse)
cc_process(cc-ctl    infra/ctl ctl_core)
