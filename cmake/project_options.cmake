# Compiler settings of our own code, and the one way a folder becomes a library.
find_package(Threads REQUIRED)

# ccache, when it is there at the first configuration. Later it is not looked for
# again: with another compiler command everything would be built anew.
if(NOT DEFINED DUBBER_CCACHE)
  find_program(DUBBER_CCACHE ccache)
endif()
if(DUBBER_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ccache)
endif()

add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE cxx_std_20)
target_include_directories(project_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(project_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow)
target_link_libraries(project_options INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # When it optimises, GCC 12 takes the unused alternatives of a std::variant for
  # uninitialised (core/report_machine.cpp), and a string put together with + for
  # one that overlaps itself (clients/http/url.cpp): neither is so.
  target_compile_options(project_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()

# On where we work; a user's build never fails by what a newer compiler warns of.
option(DUBBER_WERROR "warnings are errors" OFF)
set(DUBBER_SANITIZE "" CACHE STRING "address,undefined or thread")
if(DUBBER_SANITIZE)
  # GCC 12 warns about asio code that the sanitizers have rewritten: no -Werror.
  # CAF 0.17 binds a null reference in init_fun_factory.hpp: no null check.
  set(flags -fsanitize=${DUBBER_SANITIZE} -fno-omit-frame-pointer)
  if(DUBBER_SANITIZE MATCHES undefined)
    list(APPEND flags -fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(project_options INTERFACE ${flags})
  target_link_options(project_options INTERFACE ${flags})
elseif(DUBBER_WERROR)
  target_compile_options(project_options INTERFACE -Werror)
endif()

option(DUBBER_FAIL_POINTS "places where the crash test can kill the program (core/fail_point.hpp)" OFF)

# Builds every .cpp of the calling folder (and its sub-folders) into the static
# library dubber_<folder>. FAIL_POINTS: there are some in its sources.
function(dubber_library)
  cmake_parse_arguments(arg "FAIL_POINTS" "" "LINK;EXCLUDE" ${ARGN})
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  foreach(name IN LISTS arg_EXCLUDE)
    list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/${name}")
  endforeach()
  if(sources)
    add_library(dubber_${folder} STATIC ${sources})
    target_link_libraries(dubber_${folder} PUBLIC project_options ${arg_LINK})
  else()
    add_library(dubber_${folder} INTERFACE)
    target_link_libraries(dubber_${folder} INTERFACE project_options ${arg_LINK})
  endif()
  if(DUBBER_FAIL_POINTS AND arg_FAIL_POINTS)
    target_compile_definitions(dubber_${folder} PRIVATE DUBBER_FAIL_POINTS)
  endif()
endfunction()
