package com.cloudbees.plugins.credentials;

import hudson.model.Saveable;

public class SystemCredentialsProvider implements Saveable {
    private SystemCredentialsProvider() {}
}
