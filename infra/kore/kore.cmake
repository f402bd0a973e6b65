# Kore 4.1.0 from Debian's package `kore`, copied into the build folder and patched.
#
# Copied and patched again only when the patch changed: the stamp holds the patch's checksum.
# Gives the library korecore, which everything that includes <kore/...> links.
set(KORE_SHARE /usr/share/kore CACHE PATH "Kore's packaged source")
set(kore_patch ${CMAKE_SOURCE_DIR}/infra/kore/kore-4.1.0-gateway.patch)
set(kore_tree ${CMAKE_BINARY_DIR}/kore)
set(kore_stamp ${CMAKE_BINARY_DIR}/kore.stamp)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kore_patch})

if(NOT EXISTS ${KORE_SHARE}/src/kore.c)
  message(FATAL_ERROR "no Kore source in ${KORE_SHARE}: install the package kore")
endif()

file(SHA256 ${kore_patch} kore_wanted)
set(kore_present "")
if(EXISTS ${kore_stamp})
  file(READ ${kore_stamp} kore_present)
endif()
if(NOT kore_present STREQUAL kore_wanted)
  find_program(PATCH_PROGRAM patch REQUIRED)
  file(REMOVE_RECURSE ${kore_tree})
  file(COPY ${KORE_SHARE}/src ${KORE_SHARE}/include ${KORE_SHARE}/misc DESTINATION ${kore_tree})
  execute_process(COMMAND ${PATCH_PROGRAM} -p1 --batch -i ${kore_patch}
    WORKING_DIRECTORY ${kore_tree} RESULT_VARIABLE rc OUTPUT_VARIABLE words ERROR_VARIABLE words)
  if(rc)
    message(FATAL_ERROR "Kore's patch does not apply:\n${words}")
  endif()
  file(WRITE ${kore_tree}/gen/version.c "const char *kore_version = \"4.1.0\";\n")
  execute_process(COMMAND sh ${kore_tree}/misc/linux-platform.sh
    OUTPUT_FILE ${kore_tree}/gen/platform.h RESULT_VARIABLE rc)
  if(rc)
    message(FATAL_ERROR "Kore does not know this platform")
  endif()
  file(WRITE ${kore_stamp} ${kore_wanted})
endif()

set(kore_src buf config connection domain filemap fileref json module msg net runtime timer utils
  worker keymgr auth accesslog http validator websocket linux seccomp kore)
if(CC_ASAN)
  # Kore's pools would hide what the sanitizer looks for, and it needs more system calls.
  set(kore_memory ${CMAKE_SOURCE_DIR}/gateway/asan/malloc_shim.c)
  set(kore_policy SECCOMP_RET_ALLOW)
else()
  list(APPEND kore_src mem pool)
  # A call that the filter does not know fails (ENOSYS) instead of killing the worker.
  set(kore_policy "(SECCOMP_RET_ERRNO|38)")
endif()
list(TRANSFORM kore_src PREPEND ${kore_tree}/src/)
list(TRANSFORM kore_src APPEND .c)

add_library(korecore OBJECT ${kore_src} ${kore_tree}/gen/version.c ${kore_memory})
target_include_directories(korecore SYSTEM PUBLIC ${kore_tree}/include ${kore_tree}/include/kore
  PRIVATE ${kore_tree}/gen)
target_compile_definitions(korecore PUBLIC KORE_SINGLE_BINARY _GNU_SOURCE PREFIX="/usr"
  PRIVATE "SECCOMP_KILL_POLICY=${kore_policy}")
target_compile_options(korecore PRIVATE -std=gnu99 -w -fstack-protector-strong -fPIE
  -fno-strict-aliasing)
target_link_libraries(korecore PUBLIC cc_sanitize OpenSSL::SSL OpenSSL::Crypto ${CMAKE_DL_LIBS})
