# add_module(name SOURCES a.cpp … [USES module…] [PRIVATE_USES target…])
#
# A module is a folder, a namespace and a static library of the same name. USES names other modules (their
# headers may be included; the allowed directions are in layers.cmake). PRIVATE_USES names third-party targets,
# whose headers stay inside this module's .cpp files.
function(add_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(frontdesk_${name} STATIC ${arg_SOURCES})
  target_link_libraries(frontdesk_${name} PUBLIC project_options nlohmann_json::nlohmann_json fmt::fmt)
  foreach(module IN LISTS arg_USES)
    target_link_libraries(frontdesk_${name} PUBLIC frontdesk_${module})
  endforeach()
  target_link_libraries(frontdesk_${name} PRIVATE ${arg_PRIVATE_USES})
  if(FRONTDESK_PRECOMPILE)
    target_precompile_headers(frontdesk_${name} REUSE_FROM frontdesk_precompiled)
  endif()
endfunction()
