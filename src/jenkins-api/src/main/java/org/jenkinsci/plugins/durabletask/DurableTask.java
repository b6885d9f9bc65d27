package org.jenkinsci.plugins.durabletask;

public abstract class DurableTask {}
