# tests/unit/**/test_x.c -> binary unit_..._test_x; tests/integration/**/test_x.c likewise.
# Criterion passes a test that leaks, so CTest fails on LeakSanitizer's word.
pkg_check_modules(CRITERION REQUIRED IMPORTED_TARGET criterion)
file(GLOB support CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.c)
if(support)
  add_library(test_support STATIC ${support})
  target_link_libraries(test_support PUBLIC proto PkgConfig::CRITERION)
else()
  add_library(test_support INTERFACE)
  target_link_libraries(test_support INTERFACE proto PkgConfig::CRITERION)
endif()

function(cc_tests kind)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${kind}/*test_*.c)
  foreach(f ${files})
    file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR}/tests ${f})
    string(REGEX REPLACE "\\.c$" "" name ${rel})
    string(REPLACE "/" "_" name ${name})
    add_executable(${name} ${f})
    target_link_libraries(${name} PRIVATE test_support worker_core ingest_core gateway_pure ctl_core
                                          PkgConfig::MSGPACK PkgConfig::HIREDIS PkgConfig::PQ)
    set_target_properties(${name} PROPERTIES CC_TEST ON)
    # those that break servers, or look at a whole queue, have servers of their own
    set(beside)
    if(rel MATCHES "^integration/(store|worker|ingest)/")
      set(beside ${CMAKE_SOURCE_DIR}/tests/support/servers --)
    endif()
    add_test(NAME ${name} COMMAND ${beside} $<TARGET_FILE:${name}> -j1)
    set_tests_properties(${name} PROPERTIES LABELS ${kind} TIMEOUT 300
      ENVIRONMENT "ASAN_OPTIONS=abort_on_error=1:handle_segv=0:detect_stack_use_after_return=1"
      FAIL_REGULAR_EXPRESSION "LeakSanitizer;runtime error:")
  endforeach()
endfunction()
if(NOT CC_TSAN AND NOT CC_FUZZ) # Criterion does not run under ThreadSanitizer
  cc_tests(unit)
  cc_tests(integration)
endif()

# tests/fuzz/fuzz_x.c -> libFuzzer binary fuzz_x
if(CC_FUZZ)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_*.c)
  foreach(f ${files})
    get_filename_component(name ${f} NAME_WE)
    add_executable(${name} ${f})
    target_link_libraries(${name} PRIVATE worker_core ingest_core gateway_pure)
    set_target_properties(${name} PROPERTIES CC_TEST ON)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

# plain programs (TSan, valgrind): tests/support/programs/x.c
file(GLOB progs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/programs/*.c)
foreach(f ${progs})
  get_filename_component(name ${f} NAME_WE)
  add_executable(${name} ${f})
  target_link_libraries(${name} PRIVATE proto_task)
endforeach()

if(CC_VALGRIND)
  set(run_checked valgrind --quiet --error-exitcode=9 --leak-check=full
                  --errors-for-leak-kinds=definite,possible)
endif()
add_test(NAME stress COMMAND ${run_checked} $<TARGET_FILE:stress> 50)
add_test(NAME plant_none COMMAND ${run_checked} $<TARGET_FILE:plant> none)
add_test(NAME leave_parked COMMAND $<TARGET_FILE:leave>)
set_tests_properties(stress plant_none leave_parked PROPERTIES LABELS unit TIMEOUT 300)

# Do the tools see a mistake made on the stack of a task?  A test that passes only if they do.
function(cc_plant name words)
  add_test(NAME plant_${name} COMMAND ${run_checked} $<TARGET_FILE:plant> ${name})
  set_tests_properties(plant_${name} PROPERTIES LABELS unit PASS_REGULAR_EXPRESSION "${words}"
    ENVIRONMENT "ASAN_OPTIONS=detect_stack_use_after_return=1")
endfunction()
if(CC_ASAN)
  cc_plant(overflow "AddressSanitizer: stack-buffer-overflow")
  cc_plant(use-after-return "AddressSanitizer: stack-use-after-return")
  cc_plant(use-after-free "AddressSanitizer: heap-use-after-free")
  cc_plant(leak "LeakSanitizer: detected memory leaks")
  cc_plant(undefined "runtime error: signed integer overflow")
elseif(CC_TSAN)
  cc_plant(race "ThreadSanitizer: data race")
elseif(CC_VALGRIND)
  cc_plant(use-after-free "Invalid write")
  cc_plant(leak "definitely lost")
endif()

if(NOT CC_ASAN AND NOT CC_TSAN)
  add_test(NAME gdb_tasks
           COMMAND ${CMAKE_SOURCE_DIR}/tests/support/gdb/check $<TARGET_FILE:park>)
  set_tests_properties(gdb_tasks PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()

# programs that load a stack: tests/load
add_library(load_net STATIC ${CMAKE_SOURCE_DIR}/tests/load/net.c)
target_link_libraries(load_net PUBLIC proto_http proto_task)
foreach(name mockllm sseload)
  add_executable(${name} ${CMAKE_SOURCE_DIR}/tests/load/${name}.c)
  target_link_libraries(${name} PRIVATE load_net)
endforeach()

# how well the search finds: infra/eval
add_executable(retrieval_eval ${CMAKE_SOURCE_DIR}/tests/load/eval.c)
target_link_libraries(retrieval_eval PRIVATE proto)
