package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * A bearer token.
 *
 * @param name who has it, for the log
 * @param hash of the token, which itself is nowhere in the configuration
 * @param grants what its bearer may do
 */
public record TokenConfig(String name, TokenHash hash, Grants grants) {

    static TokenConfig from(ListEntry entry) {
        return new TokenConfig(
                entry.get(AccessKeys.NAME), entry.get(AccessKeys.HASH).orElseThrow(), AccessKeys.grants(entry));
    }
}
