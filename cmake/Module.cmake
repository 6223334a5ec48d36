# add_module(SOURCES a.cpp … [USES folder…] [PRIVATE_USES target…])
#
# The folder that this is called in becomes a static library: "bot/chat" is frontdesk_bot_chat. USES names the folders
# of other modules (their headers may be included; the allowed directions are in layers.cmake). PRIVATE_USES names
# third-party targets, whose headers stay inside this module's .cpp files. The global property FRONTDESK_MODULES lists
# all of these libraries.
function(add_module)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REPLACE "/" "_" name "frontdesk_${folder}")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC project_options nlohmann_json::nlohmann_json fmt::fmt)
  foreach(module IN LISTS arg_USES)
    string(REPLACE "/" "_" used "frontdesk_${module}")
    target_link_libraries(${name} PUBLIC ${used})
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_PRIVATE_USES})
  if(FRONTDESK_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM frontdesk_precompiled)
  endif()
  compile_in_groups(${name})
  set_property(GLOBAL APPEND PROPERTY FRONTDESK_MODULES ${name})
endfunction()
