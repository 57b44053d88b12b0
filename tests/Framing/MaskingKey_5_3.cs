using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;

namespace RawSocketChat.Framing.Tests;

[TestFixture]
public sealed class MaskingKey_5_3
{
    [Test]
    public void Keys_are_the_bytes_of_the_given_generator_in_its_order_none_left_out_and_none_twice()
    {
        var drawn = new List<byte>();
        var keys = new MaskKeySource(destination =>
        {
            for (var i = 0; i < destination.Length; i += sizeof(uint))
            {
                BinaryPrimitives.WriteInt32BigEndian(destination[i..], (drawn.Count + i) * 0x01000193);
            }

            drawn.AddRange(destination);
        });

        var given = new List<byte>();
        for (var i = 0; i < 1000; i++)
        {
            given.AddRange(BitConverter.GetBytes(keys.Next()));
        }

        given.Should().Equal(drawn.Take(given.Count));
        given.Chunk(sizeof(uint)).Select(Convert.ToHexString).Should().OnlyHaveUniqueItems();
        (drawn.Count - given.Count).Should().BeLessThan(64 * sizeof(uint), "no draw is left unused");
    }

    [Test]
    public void A_key_that_was_given_is_forgotten()
    {
        var found = new List<byte[]>();
        var keys = new MaskKeySource(destination =>
        {
            found.Add(destination.ToArray());
            destination.Fill(0xFF);
        });

        while (found.Count < 3)
        {
            keys.Next();
        }

        // The generator is handed the keys' own memory: what it finds there is what a dump of the process would show.
        foreach (var memory in found)
        {
            memory.Should().NotContain(octet => octet != 0);
        }
    }

    [Test]
    public void Nothing_is_drawn_before_the_first_key_is_asked_for()
    {
        var draws = 0;
        var keys = new MaskKeySource(_ => draws++);

        draws.Should().Be(0);
        keys.Next();
        draws.Should().Be(1);
    }

    [Test]
    public void A_generator_that_fails_gives_no_key_then_or_later()
    {
        var fails = true;
        var keys = new MaskKeySource(destination =>
        {
            destination.Fill(0x11);
            if (fails)
            {
                throw new CryptographicException("no entropy");
            }

            destination.Fill(0x22);
        });

        keys.Invoking(source => source.Next()).Should().Throw<CryptographicException>();
        keys.Invoking(source => source.Next()).Should().Throw<CryptographicException>();

        fails = false;
        keys.Next().Should().Be(0x22222222);
    }

    [Test]
    public void A_key_of_zero_is_allowed() =>
        new MaskKeySource(destination => destination.Clear()).Next().Should().Be(0);

    [Test]
    public void The_default_generator_is_the_cryptographic_one()
    {
        // No sample of keys could tell a strong generator from a weak one: only its name can.
        var fill = typeof(MaskKeySource).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Select(field => field.GetValue(new MaskKeySource()))
            .OfType<RandomFill>()
            .Single();

        fill.Method.DeclaringType.Should().Be<RandomNumberGenerator>();
        fill.Method.Name.Should().Be(nameof(RandomNumberGenerator.Fill));
    }

    [Test]
    public void Two_sources_give_different_keys()
    {
        var one = new MaskKeySource();
        var other = new MaskKeySource();

        Enumerable.Range(0, 16).Select(_ => one.Next())
            .Should().NotEqual(Enumerable.Range(0, 16).Select(_ => other.Next()), "512 random bits do not meet by chance");
    }

    [Test]
    public void A_source_without_a_generator_is_the_callers_error() =>
        FluentActions.Invoking(() => new MaskKeySource(null!)).Should().Throw<ArgumentNullException>().WithParameterName("fill");
}
