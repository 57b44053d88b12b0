using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RawSocketChat.Samples;

/// <summary>The switches that every sample server has, and how a wrong one is told: in one line.</summary>
internal sealed class ServerSwitches
{
    private readonly Option<IPAddress> _address = new("--address")
    {
        Description = "The address to listen on; 0.0.0.0 or :: for all.",
        HelpName = "ADDRESS",
        CustomParser = Read("an IP address", text => IPAddress.TryParse(text, out var value) ? value : null),
        DefaultValueFactory = _ => IPAddress.Loopback,
    };

    private readonly Option<int> _port;

    private readonly Option<string?> _certificate = new("--tls-cert")
    {
        Description = "Serve wss:// with the certificate, key and chain in this PKCS #12 file (no password).",
        HelpName = "FILE.pfx",
    };

    // A string: after a bool option the parser takes no other words than true and false.
    private readonly Option<string> _deflate = new("--deflate")
    {
        Description = "Compression (permessage-deflate) for clients that offer it: on or off.",
        HelpName = "on|off",
        CustomParser = Read("on or off", text => text is "on" or "off" ? text : null),
        DefaultValueFactory = _ => "on",
    };

    /// <summary>The switches, with the port that the server listens on where none is asked for.</summary>
    public ServerSwitches(int defaultPort) =>
        _port = new("--port")
        {
            Description = "The port to listen on; 0 for any free one.",
            HelpName = "PORT",
            CustomParser = ReadValue<int>(
                "a port from 0 to 65535",
                text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null),
            DefaultValueFactory = _ => defaultPort,
        };

    /// <summary>Adds the switches to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_address);
        command.Add(_port);
        command.Add(_certificate);
        command.Add(_deflate);
    }

    /// <summary>The address asked for.</summary>
    public IPAddress Address(ParseResult parsed) => parsed.GetValue(_address)!;

    /// <summary>The port asked for.</summary>
    public int Port(ParseResult parsed) => parsed.GetValue(_port);

    /// <summary>The certificate file asked for; null for no TLS.</summary>
    public string? CertificateFile(ParseResult parsed) => parsed.GetValue(_certificate);

    /// <summary>Whether compression is asked for.</summary>
    public bool Deflates(ParseResult parsed) => parsed.GetValue(_deflate) == "on";

    /// <summary>Loads the certificate that has a key, and with it the others in the file: phones ask for the whole chain.</summary>
    /// <returns>Null and null where there is no file.</returns>
    /// <exception cref="SwitchException">The file cannot be used.</exception>
    public static (X509Certificate2? Certificate, X509Certificate2Collection? Chain) LoadCertificate(string? file)
    {
        if (file is null)
        {
            return (null, null);
        }

        if (!File.Exists(file))
        {
            throw new SwitchException($"--tls-cert: there is no file \"{file}\".");
        }

        try
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password: null);
            var own = all.FirstOrDefault(each => each.HasPrivateKey)
                ?? throw new SwitchException($"--tls-cert: \"{file}\" holds no certificate with a private key.");
            all.Remove(own);
            return (own, all);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SwitchException($"--tls-cert: \"{file}\" cannot be used: {failure.Message}");
        }
    }

    /// <summary>Parses the arguments and runs the command; a wrong switch is one line on standard error and exit status 1.</summary>
    public static async Task<int> RunAsync(Command command, string[] arguments, TextWriter output, TextWriter errors)
    {
        var result = command.Parse(arguments);
        try
        {
            if (result.Errors is [var first, ..])
            {
                throw new SwitchException(first.Message);
            }

            return await result.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = errors,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // The server stops on signals in its own way.
            });
        }
        catch (SwitchException wrong)
        {
            await errors.WriteLineAsync(LogText.OneLine(wrong.Message));
            return 1;
        }
    }

    /// <summary>Reads a switch's value where it is an object.</summary>
    public static Func<ArgumentResult, T?> Read<T>(string expected, Func<string, T?> read)
        where T : class =>
        result => read(result.Tokens[0].Value) ?? Wrong<T>(result, expected);

    /// <summary>Reads a switch's value where it is a number.</summary>
    public static Func<ArgumentResult, T> ReadValue<T>(string expected, Func<string, T?> read)
        where T : struct =>
        result => read(result.Tokens[0].Value) ?? Wrong<T>(result, expected);

    private static T? Wrong<T>(ArgumentResult result, string expected)
    {
        var name = result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
        result.AddError($"{name}: \"{result.Tokens[0].Value}\" is not {expected}.");
        return default;
    }
}
