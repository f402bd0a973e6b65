# Warnings and hardening for our own code.  Foreign code (Kore) does not link cc_flags.
add_library(cc_flags INTERFACE)
target_compile_definitions(cc_flags INTERFACE _GNU_SOURCE)
target_include_directories(cc_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(cc_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wvla -Wstrict-prototypes -Werror
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:CC_TEST>>>:-Wmissing-prototypes>
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:CC_TEST>>>:-Wframe-larger-than=8192>
  -fstack-protector-strong -fstack-clash-protection -fPIE -fno-strict-aliasing)
target_link_options(cc_flags INTERFACE -pie -Wl,-z,relro,-z,now)

if(CC_VALGRIND)
  target_compile_definitions(cc_flags INTERFACE CC_VALGRIND)
endif()

add_library(cc_sanitize INTERFACE)
if(CC_ASAN)
  set(san -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  set(cc_frame_limit -Wno-frame-larger-than)
elseif(CC_TSAN)
  set(san -fsanitize=thread -fno-omit-frame-pointer)
  set(cc_frame_limit -Wno-frame-larger-than)
elseif(CC_FUZZ)
  set(san -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  set(cc_frame_limit -Wno-frame-larger-than)
elseif(CC_COVERAGE)
  set(san --coverage)
else()
  target_compile_definitions(cc_flags INTERFACE _FORTIFY_SOURCE=3)
endif()
target_compile_options(cc_sanitize INTERFACE ${san} ${cc_frame_limit})
target_link_options(cc_sanitize INTERFACE ${san})
target_link_libraries(cc_flags INTERFACE cc_sanitize)
