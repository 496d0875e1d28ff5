# clickmill: `make` builds build/clickmill and both libraries, `make help`
# lists the rest.
#
#   BUILD=dir        where everything goes (default build)
#   MODULES="a b"    only these folders of src, for the targets obj and unit
#   CC=clang         another compiler
#   WERROR=1         warnings are errors (default under the tested compilers)
#   V=1              show the commands
#   SAN=kinds        -fsanitize=kinds (the targets asan and tsan set it)
#   CHART_JS=file    Chart.js 3, minified (default Debian's libjs-chart.js)

VERSION := $(shell sed -n 's/^\#define CM_VERSION "\(.*\)"/\1/p' \
  include/clickmill.h)
SOVERSION := 0

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
CHART_JS ?= /usr/share/javascript/chart.js/chart.min.js
PYTHON ?= $(shell tools/find-python.sh 2>/dev/null || echo python3)
ALL_MODULES := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard src/*/*.c)))))
MODULES ?= $(ALL_MODULES)

Q := $(if $(V),,@)
say = @printf '  %-4s %s\n' $(1) $(2)
ifneq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say = @:
endif

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(MAKELEVEL),0)
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
endif

COMPILER := $(if $(findstring clang,$(shell $(CC) --version)),clang,gcc)-$(\
  )$(firstword $(subst ., ,$(shell $(CC) -dumpversion)))

# ---- flags ------------------------------------------------------------------
# No contraction into fused operations: a result must not depend on the
# compiler or the machine.
CFLAGS ?= -O3 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
  -Wstrict-prototypes -Wmissing-prototypes -Wvla \
  -Werror=deprecated-declarations -Werror=implicit-function-declaration
CM_CPPFLAGS := -D_GNU_SOURCE -Isrc -Iinclude -include tools/banned.h
CM_CFLAGS := -std=c11 -ffp-contract=off -fPIC -fvisibility=hidden $(WARNINGS)
CM_LDLIBS := -ljansson -lyaml -lisal -lzstd -lxxhash -lcrypto -lz -lyajl \
  -lmicrohttpd -lcurl -lgit2 -lm -pthread
# What the public functions need.
PUBLIC_LDLIBS := -ljansson -lxxhash -lcrypto -lm -pthread
# Figures: their headers are not ours to warn about.
DRAW_CPPFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I \
  pangocairo libpng))
CM_LDLIBS += $(shell pkg-config --libs pangocairo libpng)

WERROR ?= $(if $(filter gcc-12 clang-14,$(COMPILER)),1)
ifeq ($(WERROR),1)
CM_CFLAGS += -Werror
endif
ifneq ($(SAN),)
CFLAGS := -O1 -g1 -fno-omit-frame-pointer
CM_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all
CM_LDFLAGS += -fsanitize=$(SAN)
endif

CM_CFLAGS += -pthread

COMPILE = $(CC) $(CM_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(CM_CFLAGS)
LINK = $(CC) $(CFLAGS) $(CM_LDFLAGS) $(LDFLAGS)

# ---- files ------------------------------------------------------------------
module_sources = $(sort $(foreach m,$(1),$(wildcard src/$(m)/*.c)))
objects_of = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

SOURCES := $(call module_sources,$(ALL_MODULES))
LIB_OBJECTS := $(call objects_of,$(filter-out src/cli/%,$(SOURCES)))
CLI_OBJECTS := $(call objects_of,$(filter src/cli/%,$(SOURCES)))
MODULE_OBJECTS := $(call objects_of,$(call module_sources,$(MODULES)))
UNIT_OBJECTS := $(filter-out $(BUILD)/obj/src/cli/main.o,$(MODULE_OBJECTS))

PROGRAM := $(BUILD)/clickmill
STATIC_LIB := $(BUILD)/libclickmill.a
SHARED_LIB := $(BUILD)/libclickmill.so.$(VERSION)

UNIT_TESTS := $(sort $(foreach m,$(MODULES), \
  $(wildcard tests/unit/test_$(m).c tests/unit/test_$(m)_*.c)))
ifeq ($(MODULES),$(ALL_MODULES))
UNIT_TESTS := $(sort $(wildcard tests/unit/test_*.c))
endif
UNIT_PROGRAMS := $(UNIT_TESTS:%.c=$(BUILD)/%)
UNIT_LIB := $(BUILD)/libunit.a
REF_OBJECTS := $(call objects_of,$(sort $(wildcard tests/ref/*.c)))
REF_LIB := $(BUILD)/libref.a
PROBES := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/parity/probe_*.c))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))

# A text kept in a file that only changes when the text does, so that what
# depends on it is rebuilt exactly then.  The flags are those of all files: in a
# recipe they would be those of the first object that asks for the stamp.
FLAGS_TEXT := $(COMPILE) | $(LINK)
FLAGS_STAMP := $(BUILD)/flags.stamp
MODULES_STAMP := $(BUILD)/modules.stamp
keep_text = mkdir -p $(dir $@) && printf '%s\n' '$(1)' | cmp -s - $@ || \
  printf '%s\n' '$(1)' > $@

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all obj unit unit-build test asan tsan fuzz fuzz-corpora \
  list-fuzzers probes load nightly bench bench-apply bench-train bench-serve \
  bench-versioning bench-tracking \
  examples install uninstall format lint data train help clean \
  compile_commands.json FORCE

##@ Build
all: $(PROGRAM) $(STATIC_LIB) $(BUILD)/libclickmill.so ## program and libraries
obj: $(MODULE_OBJECTS) ## compile the modules in MODULES only

$(PROGRAM): $(CLI_OBJECTS) $(STATIC_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CM_LDLIBS)

$(STATIC_LIB): $(LIB_OBJECTS)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) qcs $@ $^

# Of the objects only those that the public functions need, so that who uses the
# library need not have the server's and the figures' libraries.
wanted_symbols = sed -n 's/^CM_API.*[ *]\(cm_[a-z0-9_]*\)(.*/-Wl,-u,\1/p' \
  include/clickmill.h
$(SHARED_LIB): $(STATIC_LIB) include/clickmill.h
	$(call say,LINK,$@)
	$(Q)$(LINK) -shared -Wl,-soname,libclickmill.so.$(SOVERSION) \
	  $(if $(SAN),,-Wl,-z,defs) $$($(wanted_symbols)) -o $@ \
	  $< $(PUBLIC_LDLIBS)

$(BUILD)/libclickmill.so: $(SHARED_LIB)
	$(Q)ln -sf libclickmill.so.$(VERSION) \
	  $(BUILD)/libclickmill.so.$(SOVERSION)
	$(Q)ln -sf libclickmill.so.$(SOVERSION) $@

$(BUILD)/obj/%_avx2.o: CM_CFLAGS += -mavx2
$(BUILD)/obj/%_avx512.o: CM_CFLAGS += -mavx512vl -mprefer-vector-width=256
# Vectors wider than a register are the business of these files alone.
$(BUILD)/obj/src/base/md5_%.o: CM_CFLAGS += -Wno-psabi
# Pairs of sums as vectors are slower here than the sums themselves.
$(BUILD)/obj/src/model/apply_%.o: CM_CFLAGS += -fno-tree-slp-vectorize
$(BUILD)/obj/src/cli/%.o: CM_CPPFLAGS += -DCM_BUILD_FLAGS='"$(CFLAGS)"'
$(BUILD)/obj/src/data/schema_builtin.o: $(wildcard configs/schema/*.yaml)

$(BUILD)/obj/src/visualization/page.o: src/visualization/page.css
$(BUILD)/obj/src/visualization/%.o $(BUILD)/obj/tests/unit/test_visualization_%.o: \
  CM_CPPFLAGS += $(DRAW_CPPFLAGS)

$(BUILD)/obj/src/serving/openapi.o: src/serving/openapi.json
$(BUILD)/obj/src/tracking/logged_model.o: src/tracking/clickmill_pyfunc.py

# The page and its charting library, plain and compressed, to be embedded.
PAGE := $(BUILD)/page
PAGE_FILES := $(notdir $(wildcard src/serving/page/*)) chart.min.js
PAGE_OBJECT := $(BUILD)/obj/src/serving/page_files.o
$(PAGE_OBJECT): CM_CPPFLAGS += -DCM_PAGE_FOLDER='"$(PAGE)"'
$(PAGE_OBJECT): $(PAGE_FILES:%=$(PAGE)/%) $(PAGE_FILES:%=$(PAGE)/%.gz)
$(PAGE)/chart.min.js: $(CHART_JS)
	@mkdir -p $(@D) && cp $< $@
$(PAGE)/%: src/serving/page/%
	@mkdir -p $(@D) && cp $< $@
$(PAGE)/%.gz: $(PAGE)/%
	@gzip -9 -n -c $< > $@

$(BUILD)/obj/%.o: %.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(FLAGS_STAMP): FORCE
	@$(call keep_text,$(FLAGS_TEXT))
$(MODULES_STAMP): FORCE
	@$(call keep_text,$(MODULES) $(notdir $(UNIT_OBJECTS) $(REF_OBJECTS)))

compile_commands.json: $(BUILD)/compile_commands.json ## for editors, in BUILD
$(BUILD)/compile_commands.json: $(SOURCES) Makefile
	@mkdir -p $(@D)
	@{ echo '['; separator=; for source in $(SOURCES); do \
	  printf '%s{"directory":"%s","file":"%s","arguments":[' \
	    "$$separator" "$(CURDIR)" "$$source"; \
	  for word in $(COMPILE) -c; do printf '"%s",' "$$word"; done; \
	  printf '"%s"]}' "$$source"; separator=',\n'; \
	  separator=$$(printf ',\n_'); separator=$${separator%_}; \
	done; echo; echo ']'; } > $@

CXX ?= g++
EXAMPLES := $(basename $(wildcard examples/*.c examples/*.cc))
examples: $(EXAMPLES:%=$(BUILD)/%) ## programs that use the library
$(BUILD)/examples/%: examples/%.c $(STATIC_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) -std=c11 $(WARNINGS) -Iinclude -o $@ $^ $(CM_LDLIBS)
$(BUILD)/examples/%: examples/%.cc $(STATIC_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CXX) $(CFLAGS) -std=c++11 -Wall -Wextra -Wpedantic -Iinclude -o $@ \
	  $^ $(CM_LDLIBS)

# ---- tests ------------------------------------------------------------------
##@ Test
# The first line of a test may be /* LDFLAGS: -Wl,--wrap=malloc */.
link_flags = $$(sed -n '1s,^/\* LDFLAGS: \(.*\) \*/$$,\1,p' $(1))

$(UNIT_LIB): $(UNIT_OBJECTS) $(MODULES_STAMP)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) qcs $@ $(UNIT_OBJECTS)

$(REF_LIB): $(REF_OBJECTS) $(MODULES_STAMP)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) qcs $@ $(REF_OBJECTS)

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_LIB) $(REF_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) $(call link_flags,tests/unit/$*.c) -o $@ $< $(REF_LIB) \
	  $(UNIT_LIB) -lcmocka $(CM_LDLIBS)

$(BUILD)/tests/parity/%: $(BUILD)/obj/tests/parity/%.o $(UNIT_LIB) $(REF_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $< $(REF_LIB) $(UNIT_LIB) $(CM_LDLIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o \
  $(BUILD)/obj/tests/fuzz/standalone.o $(UNIT_LIB) $(REF_LIB)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(REF_LIB) $(UNIT_LIB) $(CM_LDLIBS)

$(BUILD)/tests/serving/%: $(BUILD)/obj/tests/serving/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $<

$(BUILD)/obj/tests/%.o: CM_CPPFLAGS += -Itests

$(BUILD)/bench_%: $(BUILD)/obj/bench/%.o $(STATIC_LIB)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(CM_LDLIBS)

unit-build: $(UNIT_PROGRAMS)
unit: $(UNIT_PROGRAMS) ## build and run the unit tests of MODULES
	@tools/run-unit.sh $(UNIT_PROGRAMS)
probes: $(PROBES)
load: $(BUILD)/tests/serving/load
fuzz: $(FUZZERS) ## build the fuzz drivers
list-fuzzers:
	@printf '%s\n' $(FUZZERS)
fuzz-corpora: $(FUZZERS) ## run the fuzz drivers over their corpora
	@tools/run-corpora.sh $(FUZZERS)

test: ## every test: one line "N passed, N failed, N skipped" at the end
	@./test
asan: ## unit tests and fuzz corpora under ASan and UBSan
	@$(MAKE) BUILD=$(BUILD)/asan SAN=address,undefined unit fuzz-corpora
tsan: ## unit tests under ThreadSanitizer
	@$(MAKE) BUILD=$(BUILD)/tsan SAN=thread unit
nightly: ## long repetitions: 60 s a fuzz driver, 300 kills, the image
	@tools/nightly.sh
bench: all ## all timings, against pandas, polars and catboost
	@bench/run.sh
bench-apply: all ## applying a model, against catboost
	@bench/run.sh apply
bench-train: all ## the learner, against catboost, lightgbm and xgboost
	@bench/run.sh train
bench-serve: all ## the server, against nginx and fastapi
	@bench/run.sh serve
bench-versioning: all ## hashing, add, push and pull, against md5sum and dvc
	@bench/run.sh versioning
bench-tracking: all ## what keeping runs costs a training
	@bench/run.sh tracking
lint: ## module law, lengths, formatting
	@tools/lint.sh

##@ Use
data: $(PROGRAM) ## make-dataset as configs/train_config.yaml says
	$(PROGRAM) make-dataset --config configs/train_config.yaml
train: $(PROGRAM) ## train as configs/train_config.yaml says
	$(PROGRAM) train --config configs/train_config.yaml

# ---- installation -----------------------------------------------------------
##@ Install
root = $(DESTDIR)$(PREFIX)
install: all ## to DESTDIR and PREFIX (/usr/local)
	install -d $(root)/bin $(root)/lib/pkgconfig $(root)/include \
	  $(root)/share/clickmill/schema
	install -m 755 $(PROGRAM) $(root)/bin/clickmill
	install -m 644 $(STATIC_LIB) $(root)/lib/libclickmill.a
	install -m 755 $(SHARED_LIB) $(root)/lib/libclickmill.so.$(VERSION)
	ln -sf libclickmill.so.$(VERSION) $(root)/lib/libclickmill.so.$(SOVERSION)
	ln -sf libclickmill.so.$(SOVERSION) $(root)/lib/libclickmill.so
	install -m 644 include/clickmill.h $(root)/include/clickmill.h
	install -m 644 configs/schema/*.yaml $(root)/share/clickmill/schema
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@VERSION@,$(VERSION),' \
	  -e 's,@LIBS@,$(PUBLIC_LDLIBS),' \
	  tools/clickmill.pc.in > $(root)/lib/pkgconfig/clickmill.pc

uninstall: ## remove what install put there
	rm -f $(root)/bin/clickmill $(root)/lib/libclickmill.* \
	  $(root)/include/clickmill.h $(root)/lib/pkgconfig/clickmill.pc
	rm -rf $(root)/share/clickmill

##@ Care
format: ## clang-format every source file
	$(shell tools/find-clang-format.sh) -i $(SOURCES) \
	  $(wildcard src/*/*.h include/*.h tools/*.h tests/*/*.[ch] bench/*.c \
	  examples/*.c)
clean: ## remove BUILD
	rm -rf $(BUILD)
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z_.-]+:.*## / { sub(/:.*/, "", $$1); printf "  make %-22s %s\n", $$1, $$2 }' Makefile

-include $(patsubst %.o,%.d,$(LIB_OBJECTS) $(CLI_OBJECTS) $(REF_OBJECTS)) \
  $(patsubst %.c,$(BUILD)/obj/%.d,$(wildcard tests/*/*.c bench/*.c))
