# The migrations go into the program: cc-ctl needs no files beside it.
file(GLOB schema_sql CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/proto/store/schema/*.sql)
set(schema_c ${CMAKE_BINARY_DIR}/schema_files.c)
add_custom_command(OUTPUT ${schema_c}
  COMMAND ${CMAKE_COMMAND} -DOUT=${schema_c} -P ${CMAKE_SOURCE_DIR}/proto/store/schema/embed.cmake
  DEPENDS ${schema_sql} ${CMAKE_SOURCE_DIR}/proto/store/schema/embed.cmake)
target_sources(proto_store PRIVATE ${schema_c})
