package io.jenkins.plugins.cvmfs.notify.client.transport;

/** How a request for an event stream says what it wants. */
enum StreamStyle {
    /** {@code ?repository=A&repository=B}: our proxy. Events have ids, and the server comments to show that it lives. */
    QUERY(64),
    /** A JSON body, one repository: the gateway, which repeats its last message to all whenever anyone subscribes. */
    BODY(1);

    private final int mostRepositories;

    StreamStyle(int mostRepositories) {
        this.mostRepositories = mostRepositories;
    }

    /** How many repositories one request may ask for. 64 names make a URL of 5 KB at most, which every server takes. */
    int mostRepositories() {
        return mostRepositories;
    }
}
