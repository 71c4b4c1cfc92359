# -DTEN35_STATIC=ON: one static, position-independent, stripped binary that runs
# on any kernel of its architecture, whatever libc the machine has.
#
#	CC=musl-gcc cmake -S . -B build-static -DTEN35_STATIC=ON    the small one
#	cmake -S . -B build-static -DTEN35_STATIC=ON                with the machine's own libc
#
# tests/bench/size.sh looks at the result: position-independent (type DYN), and
# with no interpreter (PT_INTERP), so that nothing else is needed to start it.

set(static_options -Wl,-z,text -Wl,--build-id=none -s)

if(CMAKE_C_COMPILER MATCHES "musl-gcc[^/]*$")
	# musl-gcc is gcc with a specs file that knows nothing of -static-pie: it
	# would link a dynamic binary and not say so.  So what -static-pie stands
	# for is spelled out: rcrt1.o, which relocates the program it is part of,
	# in the place of crt1.o.  Asking musl-gcc for the path of rcrt1.o gives
	# glibc's; it stands beside the include folder, of which musl-gcc does know.
	execute_process(COMMAND ${CMAKE_C_COMPILER} -E -include stdlib.h -x c /dev/null
		OUTPUT_VARIABLE preprocessed RESULT_VARIABLE failed)
	string(REGEX MATCH "\"(/[^\"]*)/stdlib\\.h\"" found "${preprocessed}")
	set(musl_include "${CMAKE_MATCH_1}")
	string(REPLACE "/include" "/lib" musl_lib "${musl_include}")
	foreach(name crtbeginS.o crtendS.o)
		execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=${name}
			OUTPUT_VARIABLE ${name} OUTPUT_STRIP_TRAILING_WHITESPACE)
	endforeach()
	if(failed OR NOT EXISTS ${musl_lib}/rcrt1.o)
		message(FATAL_ERROR "no rcrt1.o in '${musl_lib}': is musl complete (package musl-tools)?")
	endif()
	target_link_options(ten35 PRIVATE -static -nostartfiles -Wl,-pie -Wl,--no-dynamic-linker
		${musl_lib}/rcrt1.o ${musl_lib}/crti.o ${crtbeginS.o} ${static_options})
	# musl's own malloc() is 9 KB; whatever asks for memory by these names gets it from base/heap.c.
	foreach(name malloc calloc realloc free)
		target_link_options(ten35 PRIVATE -Wl,--defsym=${name}=heap_${name})
	endforeach()
	# app/fork.h; musl has it since 1.2.2.
	check_symbol_exists(_Fork unistd.h TEN35_HAS_FORK)
	if(TEN35_HAS_FORK)
		target_compile_definitions(app PRIVATE TEN35_FORK=_Fork)
	endif()
	# Behind everything else.
	target_link_libraries(ten35 PRIVATE ${crtendS.o} ${musl_lib}/crtn.o)
else()
	target_link_options(ten35 PRIVATE -static-pie ${static_options})
endif()
