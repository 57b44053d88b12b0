using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

/// <summary>Two halves of pipes as one end of a connection.</summary>
internal sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
