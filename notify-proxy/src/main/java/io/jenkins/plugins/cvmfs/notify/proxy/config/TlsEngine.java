package io.jenkins.plugins.cvmfs.notify.proxy.config;

/** What encrypts the connections of the listening port. */
public enum TlsEngine {
    /** The native one where its library loads and it can use the key, else the JDK's. */
    AUTO,
    /** BoringSSL; its library is part of the program for Linux on x86-64 and AArch64 with glibc. */
    NATIVE,
    /** That of the Java runtime. */
    JDK
}
