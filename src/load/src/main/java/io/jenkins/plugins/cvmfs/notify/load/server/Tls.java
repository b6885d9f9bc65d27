package io.jenkins.plugins.cvmfs.notify.load.server;

/** What encrypts a proxy's connections. */
public enum Tls {
    /** Nothing. */
    NONE(""),
    /** The JDK's engine. */
    JDK("jdk"),
    /** BoringSSL. */
    NATIVE("native");

    private final String setting;

    Tls(String setting) {
        this.setting = setting;
    }

    /** The member of a proxy's configuration. */
    String member(Certificate certificate) {
        return "\"tls\": {\"cert_file\": \"%s\", \"key_file\": \"%s\", \"engine\": \"%s\"}"
                .formatted(certificate.certificate(), certificate.key(), setting);
    }
}
