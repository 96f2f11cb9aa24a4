# The program alone: a static binary, root certificates, nothing else.
#
#     docker build --tag bsg-rcs .
#     docker run --rm bsg-rcs demo
#
# What the build needs beside Rust: a C compiler with its headers and those of Linux. All C is in
# the crates and linked in: SQLite (libsqlite3-sys, "bundled"), mimalloc (libmimalloc-sys) and
# AWS-LC (aws-lc-sys; rustls and jsonwebtoken use it). AWS-LC brings its assembler generated and its
# bindings made for x86_64 and aarch64 with musl, so cmake, perl, Go and libclang are needed for
# other targets only; linux-headers is for its <linux/random.h>. There is no OpenSSL.

FROM rust:1.95-alpine AS build

RUN apk add --no-cache build-base ca-certificates linux-headers

WORKDIR /source
COPY . .

# On Alpine the host is musl, whose programs are linked statically by default. RUSTFLAGS is left
# alone: it would hold for the procedural macros as well, which must not be static.
#
# cargo's caches are kept between builds; the binary has to be copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --locked --release --package bsg-rcs-cli \
    && cp target/release/bsg-rcs /bsg-rcs

# A program that names a loader would find none in an empty image.
RUN readelf --program-headers /bsg-rcs > /headers && ! grep -q INTERP /headers

# Where the program works: the default store is bsg-rcs.db in it. The owner goes over to an empty
# volume that is mounted there.
RUN mkdir /work && chown 65532:65532 /work && chmod 0700 /work


FROM scratch

LABEL org.opencontainers.image.title="bsg-rcs" \
      org.opencontainers.image.description="RCS campaigns through the BSG One-API" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"

# Where TLS looks for root certificates, of the platform and of a database.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /source/LICENSE-APACHE /source/LICENSE-MIT /licenses/
COPY --from=build --chown=65532:65532 /work /var/lib/bsg-rcs
COPY --from=build /bsg-rcs /bsg-rcs

# There is no /tmp: temporary files of the demo and of SQLite go to the working directory.
ENV TMPDIR=/var/lib/bsg-rcs
WORKDIR /var/lib/bsg-rcs

# Nobody: the image has no /etc/passwd, so the number stands for itself.
USER 65532:65532

# The program handles SIGTERM, also as process 1: what was begun is finished and kept.
ENTRYPOINT ["/bsg-rcs"]
